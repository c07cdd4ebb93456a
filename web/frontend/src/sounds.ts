// Short sounds for what became of a read, told apart by pitch and by rhythm. Browsers allow them after a gesture.

import { press } from "./dom";
import type { Result } from "./session";

export type Sound = "accepted" | "refused" | "kept" | "nothing";

interface Tone {
  hertz: number;
  fromMs: number;
  forMs: number;
}

/** One short high; two long low; three short in the middle; one short low. */
export const SOUNDS: Record<Sound, readonly Tone[]> = {
  accepted: [{ hertz: 1320, fromMs: 0, forMs: 70 }],
  refused: [
    { hertz: 220, fromMs: 0, forMs: 170 },
    { hertz: 185, fromMs: 230, forMs: 220 },
  ],
  kept: [
    { hertz: 660, fromMs: 0, forMs: 60 },
    { hertz: 660, fromMs: 110, forMs: 60 },
    { hertz: 660, fromMs: 220, forMs: 60 },
  ],
  nothing: [{ hertz: 392, fromMs: 0, forMs: 90 }],
};

const SOUND_OF: Record<Result["status"], Sound> = {
  accepted: "accepted",
  unknown: "kept",
  ignored: "nothing",
  refused: "refused",
  conflict: "refused",
};

/** Something to look at sounds alike, whether no list has it or its lot is on hold. */
export function soundOf(result: Pick<Result, "status" | "on_hold">): Sound {
  return result.on_hold ? "kept" : SOUND_OF[result.status];
}

const SILENT = "silent";
const VOLUME = 0.25;

export class Sounds {
  private context: AudioContext | null = null;

  constructor(private readonly store: Storage) {
    for (const gesture of ["pointerdown", "keydown"]) {
      window.addEventListener(gesture, () => this.wake(), { capture: true });
    }
    this.silent = this.silent;
  }

  get silent(): boolean {
    return this.store.getItem(SILENT) === "yes";
  }

  set silent(silent: boolean) {
    this.store.setItem(SILENT, silent ? "yes" : "no");
    press("[data-sound=on]", !silent);
    press("[data-sound=off]", silent);
  }

  result(result: Result): void {
    this.play(soundOf(result));
  }

  play(sound: Sound): void {
    if (this.silent || this.context?.state !== "running") return;
    for (const tone of SOUNDS[sound]) this.tone(this.context, tone);
  }

  private wake(): void {
    if (this.silent) return;
    this.context ??= new AudioContext();
    if (this.context.state === "suspended") void this.context.resume();
  }

  private tone(context: AudioContext, tone: Tone): void {
    const start = context.currentTime + tone.fromMs / 1000;
    const end = start + tone.forMs / 1000;
    const oscillator = new OscillatorNode(context, { frequency: tone.hertz, type: "triangle" });
    const gain = new GainNode(context, { gain: 0 });
    // Without a ramp at both ends it clicks.
    gain.gain.setValueAtTime(0, start);
    gain.gain.linearRampToValueAtTime(VOLUME, start + 0.008);
    gain.gain.setValueAtTime(VOLUME, end - 0.015);
    gain.gain.linearRampToValueAtTime(0, end);
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(start);
    oscillator.stop(end);
  }
}
