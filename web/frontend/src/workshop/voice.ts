// Somebody's recorded voice, where there is one for a sentence: a loudspeaker beside it plays it.

import type { Words } from "./words";

export class Voice {
  private playing: HTMLAudioElement | null = null;

  constructor(private readonly words: Words) {}

  /** The button of a place, and what it says there; hidden where nobody recorded it. */
  show(place: Element, keys: readonly string[]): void {
    const button = place.querySelector<HTMLElement>(".hear");
    if (!button) return;
    const { voices } = this.words.current;
    button.dataset.keys = keys.filter((key) => key in voices).join(" ");
    button.hidden = button.dataset.keys === "";
  }

  /** One after the other; touched again it begins anew. */
  play(keys: readonly string[]): void {
    this.playing?.pause();
    const [first, ...rest] = keys;
    const address = first && this.words.current.voices[first];
    if (!address) return;
    this.playing = new Audio(address);
    this.playing.addEventListener("ended", () => this.play(rest));
    void this.playing.play().catch(() => this.play(rest));
  }
}
