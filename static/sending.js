// How far the sending of a file is; then how long the site has been reading it, which on a busy machine takes its time.

function sending(place) {
  if (place.dataset.begun) return;
  place.dataset.begun = "yes";
  const sender = document.getElementById(place.dataset.sending); // what htmx sends
  const stage = place.querySelector("[data-sending-stage]");
  const bar = place.querySelector("progress");
  let arrived = 0; // when all of it had
  let clock;

  const tellReading = () => {
    if (!place.isConnected) return clearInterval(clock); // the answer took its place
    const seconds = Math.round((performance.now() - arrived) / 1000);
    stage.textContent = seconds < 5 ? place.dataset.reads : `${place.dataset.stillReads} (${seconds} s)`;
  };

  sender.addEventListener("htmx:beforeSend", () => {
    stage.textContent = place.dataset.sends;
    bar.value = 0;
    place.hidden = false;
  });
  sender.addEventListener("htmx:xhr:progress", ({ detail }) => {
    if (!detail.lengthComputable || !detail.total) return;
    bar.value = (100 * detail.loaded) / detail.total;
    if (detail.loaded < detail.total || clock) return;
    arrived = performance.now();
    bar.removeAttribute("value"); // nobody knows how long it takes
    tellReading();
    clock = setInterval(tellReading, 5000);
  });
  sender.addEventListener("htmx:afterRequest", () => {
    clock = clearInterval(clock);
    place.hidden = true;
  });
  place.querySelector("[data-sending-cancel]").addEventListener("click", () => htmx.trigger(sender, "htmx:abort"));
}

const sendings = () => document.querySelectorAll("[data-sending]").forEach(sending);
sendings();
htmx.onLoad(sendings);
