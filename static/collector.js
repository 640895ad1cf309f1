// In the thread of the sound: hands over what the microphone hears, in mono, a piece at a time, without loss.
class Collector extends AudioWorkletProcessor {
  piece = new Float32Array(2048); // 43 ms at 48 kHz; blocks of 128 fill it exactly
  filled = 0;

  process([[block]]) {
    if (!block) return true;
    this.piece.set(block, this.filled);
    this.filled += block.length;
    if (this.filled === this.piece.length) {
      this.port.postMessage(this.piece); // a copy
      this.filled = 0;
    }
    return true;
  }
}
registerProcessor("collector", Collector);
