import { App as AntApp, ConfigProvider } from "antd";
import type { ReactNode } from "react";

/** The theme and the language of every part below. */
export function Look({ children }: { children: ReactNode }) {
  return (
    <ConfigProvider>
      <AntApp>{children}</AntApp>
    </ConfigProvider>
  );
}
