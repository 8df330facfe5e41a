import { useEffect } from "react";
import { create } from "zustand";

import { useChoices } from "@/frame/choices";
import type { Say } from "@/words/saying";

/** What says it in Chinese: a part of the page that only its Chinese readers load. */
const useChinese = create<{ readonly say?: Say }>(() => ({}));

/** Say what the server wrote in English in the page's language, where a translation is known. */
export function useServerWords(): Say {
  const isChinese = useChoices((choices) => choices.language === "zh");
  const say = useChinese((chinese) => chinese.say);
  useEffect(() => {
    if (isChinese && !say) void load();
  }, [isChinese, say]);
  return (isChinese && say) || asItIs;
}

async function load(): Promise<void> {
  try {
    const { say } = await import("@/words/zh/server");
    useChinese.setState({ say });
  } catch {
    // Without the network it stays in English; the next part that asks tries again.
  }
}

function asItIs(text: string): string {
  return text;
}

/** Say who was told something: a party goes by its name, in which there is no space. */
export function whoIn(say: Say, who: string): string {
  return who.includes(" ") ? say(who) : who;
}
