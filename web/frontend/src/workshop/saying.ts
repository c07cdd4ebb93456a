// The one place where the screen says something: what to do now, and for a while what became of the last read.

import { find } from "../dom";
import type { Batch, Params, Phase, Told } from "./values";
import type { Voice } from "./voice";
import type { Words } from "./words";

const FOR_MS = 8000;

const NOW: Record<Phase, { tell: string; icon: string }> = {
  choose: { tell: "choose-kit", icon: "touch" },
  lots: { tell: "check-boxes", icon: "scan" },
  making: { tell: "fill-bag", icon: "plus" },
  counting: { tell: "counting", icon: "table" },
};

/** While a part is stopped nobody is asked to go on. */
const STOPPED = { tell: "stop", icon: "warn" };

const LOOKS = { ok: "tick", note: "info", kept: "waiting" };
type Look = keyof typeof LOOKS;

export class Saying {
  private doing: { tell: string; icon: string } | null = null;
  private last: { look: Look; tell: string; params: Params } | null = null;
  private timer = 0;

  constructor(
    private readonly words: Words,
    private readonly voice: Voice,
  ) {}

  /** What there is to do; `again` in another language. */
  now({ phase, components }: Pick<Batch, "phase" | "components">, again = false): void {
    const stopped = phase === "making" && components.some((part) => part.stopped);
    const doing = stopped ? STOPPED : NOW[phase];
    const changed = doing !== this.doing;
    this.doing = doing;
    if (this.last === null ? changed || again : again) this.draw();
  }

  /** What became of a read. Every table's own; it goes by itself, for what there is to do comes back. */
  told(told: Pick<Told, "tell" | "params">, look: Look): void {
    this.last = { look, ...told };
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.quiet(), FOR_MS);
    this.draw();
    find("#said").textContent = this.words.say(told.tell, told.params);
  }

  quiet(): void {
    this.last = null;
    this.draw();
  }

  private draw(): void {
    const now = this.doing;
    if (now === null) return;
    const { look, tell, params } = this.last ?? { look: "idle", tell: now.tell, params: {} };
    const icon = this.last ? LOOKS[this.last.look] : now.icon;
    find("#saying").className = look;
    find("#saying-icon").setAttribute("href", `#p-${icon}`);
    find("#sentence").textContent = this.words.say(tell, params);
    this.voice.show(find("#saying"), [tell]);
  }
}
