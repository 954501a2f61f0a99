/** An instance's memory as bytes, integers and numbers: reread them before each use. */
export class Views {
  #memory;
  u8 = new Uint8Array(0);
  i32 = new Int32Array(0);
  f64 = new Float64Array(0);

  /** @param {WebAssembly.Memory} memory */
  constructor(memory) {
    this.#memory = memory;
  }

  /** Memory that grew has a new buffer, and views of the old one are empty: a decision on them would be wrong, not an error. */
  reread() {
    if (this.u8.length > 0) return;
    const { buffer } = this.#memory;
    this.u8 = new Uint8Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.f64 = new Float64Array(buffer);
  }
}
