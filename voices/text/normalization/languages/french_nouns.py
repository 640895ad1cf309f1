"""Genders of French nouns, as far as “un” or “une” and “vingt et un” or “vingt et une” need them. Pure."""

import re

from voices.text.normalization.language import words_of

# Endings of feminine nouns, with the frequent nouns that have such an ending but are masculine.
_FEMININE_ENDINGS = re.compile(
    r"(?:[tsx]ion|gion|nion|aison|i?té|tié|ée|ie|[ae]nce|[ae]nse|[^g]ure|ude|[rlnmc]ade|ette|elle|enne|onne|esse|euse|"
    r"trice|ille|aine|ine|ière|ère|oire|sse|che|gne|ise|ose|aise|ande|ante|ente|ète|otte|ogue|ole|une|ouche|ace|erse|"
    r"orme|arge|orce|ouvelle|emme|lle|tte|nne|ppe|ée|rte|rre|eille|ouille|ume|ote|euve|ave|ive|erve|ève)$"
)
_MASCULINE = words_of(
    "accessoire antidote archive arrière arrêté athlète athée baume beurre bitume camarade capitaine caractère "
    "carrosse catalogue champagne cimeterre cimetière colosse comité commandante comté conclave conservatoire "
    "costume cratère critère cygne côté derrière dialogue dimanche domaine député esclave espace fleuve frère "
    "gorille grade grave génie incendie intelligente interprète interrogatoire invité laboratoire lierre lycée "
    "légume magazine malade manche mercure messie mille ministère monologue murmure musée mystère mémoire "
    "observatoire palace pamplemousse parapluie parjure parterre peigne portefeuille pourboire poète prologue "
    "protocole psychologue pâté père pétrole reproche rhume royaume réfectoire répertoire signe silence squelette "
    "symbole territoire tonnerre traité trophée uniforme vermicelle verre volume vote élève été "
)
_FEMININE = words_of(
    "affaire pomme poire tomate carotte boîte tarte crêpe couche cuisse dinde banane cerise prune orange olive "
    "salade soupe viande poule vache truffe palme rame lame arête alarme capsule pilule gélule cellule molécule "
    "formule rotule virgule ambulance amende annonce bague barbe bible blague bombe botte bride brique brosse broche "
    "bûche "
    "cabane cale caisse canne cave cellule chemise chose cible cime cloche colline colonne commode commune console "
    "copie coupe couronne course crème crise cruche cuve dalle danse dette drogue écharpe école église enquête énigme "
    "envie épée épreuve erreur étable fable facture farce femme fille flamme flûte foule fraise gare gauche gomme "
    "gorge goutte graine griffe grippe guerre herbe heure hache hanche histoire huile jungle jupe ligne liste lune "
    "mine molaire montagne montre mousse moule nappe niche nuque ombre onde oreille pâte patte peine "
    "pensée perle perte piste planche plante plume poche pointe pompe porte poudre preuve prise race rampe "
    "récolte réforme rente rive roche ronde roue salle scène série serviette somme sorte souche tâche tache tante "
    "tape taxe télé tente terre tige tombe tonne touche toux trace tranche trêve tuile tribune urne vaisselle vente "
    "veste victime ville vis vitre voiture voyelle zone "
    "aide alarme ambassade arme attaque auto avenue avocate banque barque base bibliothèque boisson bombe boucle "
    "bourse boutique brebis cage caméra candidate capitale case cathédrale cause centrale chaleur chambre chanson "
    "chèvre clef clé conquête corde couleur course critique croix cuiller côte dame date dent digue douleur démo "
    "eau erreur escale espèce expo fabrique faim faute faveur façade façades façon fenêtre ferme figue fin finale "
    "fièvre fleur foi fois forêt fourmi fête grâce hauteur horreur image info jambe jument lampe langue largeur "
    "larme lettre leçon ligue limite loi longue longueur lueur lèvre main marque mer minute mort moto musique "
    "méthode météo nef nièce noix nuit odeur oeuvre offre page paix part pause peau petite peur photo phrase pizza "
    "pièce plage plaque politique pompe pratique prison profondeur promo période quête radio rafale ressource robe "
    "route rue rumeur ruse règle réponse sauce saveur seconde seule soeur soif source souris star succursale "
    "syllabe sœur table technique toile tribu tumeur tête vague valeur vapeur vertu vidéo villa visite voile voix "
    "vue époque équipe étape étoile île œuvre "
)  # fmt: skip


def is_feminine(noun: str) -> bool:
    """Return whether a noun, or an adjective before it, is feminine; of an unknown one, a guess.

    noun: in the singular or plural.
    """
    noun = noun.lower()
    for form in (noun, re.sub(r"[sx]$", "", noun)):
        if form in _FEMININE:
            return True
        if form in _MASCULINE:
            return False
    return bool(_FEMININE_ENDINGS.search(re.sub(r"s$", "", noun)))
