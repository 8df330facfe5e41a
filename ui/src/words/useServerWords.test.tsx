import { renderHook, waitFor } from "@testing-library/react";
import { act } from "react";
import { expect, it } from "vitest";

import { choose } from "@/frame/choices";
import { useServerWords, whoIn } from "@/words/useServerWords";

it("says it in the language that the person chose, as soon as it can", async () => {
  act(() => choose({ language: "en" }));
  const { result } = renderHook(useServerWords);
  expect(result.current("the training loss")).toBe("the training loss");

  act(() => choose({ language: "zh" }));
  await waitFor(() => expect(result.current("the training loss")).toBe("训练损失"));

  act(() => choose({ language: "en" }));
  expect(result.current("the training loss")).toBe("the training loss");
});

it("leaves a party its name, even where it is one of our words", async () => {
  act(() => choose({ language: "zh" }));
  const { result } = renderHook(useServerWords);
  await waitFor(() => expect(result.current("receiver")).not.toBe("receiver"));
  expect(whoIn(result.current, "receiver")).toBe("receiver");
  expect(whoIn(result.current, "sender of the request")).toBe("请求的发送者");
});
