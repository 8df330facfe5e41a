import { theme as antd, type ThemeConfig } from "antd";

import { dark, light } from "@/frame/palette";

export const FONT =
  '"IBM Plex Sans Variable", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", ' +
  '"Noto Sans SC", "WenQuanYi Zen Hei", system-ui, sans-serif';
export const MONO = '"IBM Plex Mono", ui-monospace, "SF Mono", Menlo, Consolas, monospace';

/** Ant Design's tokens for our colours: flat, hairlines instead of shadows, small radii. */
export function themeOf(isDark: boolean, hasMotion: boolean, isTouched = false): ThemeConfig {
  const palette = isDark ? dark : light;
  return {
    // The components' rules come from Ant Design's own style sheet (main.tsx), which knows the tokens
    // as variables: to write them by script took a third of a first view's processor time.
    zeroRuntime: true,
    hashed: false,
    algorithm: isDark ? antd.darkAlgorithm : antd.defaultAlgorithm,
    token: {
      colorPrimary: palette.accent,
      colorInfo: palette.stateRunning,
      colorSuccess: palette.stateSuccess,
      colorError: palette.stateFailure,
      colorWarning: palette.statePaused,
      colorLink: palette.accent,
      colorLinkHover: palette.accent, // a lighter one is too faint on dark ground
      colorLinkActive: palette.accent,
      colorText: palette.ink,
      colorTextSecondary: palette.inkSoft,
      colorTextTertiary: palette.inkFaint,
      colorTextDescription: palette.inkFaint,
      colorTextPlaceholder: palette.inkFaint,
      colorBgLayout: palette.ground,
      colorBgContainer: palette.paper,
      colorBgElevated: palette.raised,
      colorBorder: palette.line,
      colorBorderSecondary: palette.lineSoft,
      colorSplit: palette.lineSoft,
      colorSuccessBg: palette.successSoft,
      colorSuccessBorder: palette.line,
      colorErrorBg: palette.failureSoft,
      colorErrorBorder: palette.line,
      colorWarningBg: palette.pausedSoft,
      colorWarningBorder: palette.line,
      colorInfoBg: palette.runningSoft,
      colorInfoBorder: palette.line,
      controlItemBgActive: palette.accentSoft,
      controlItemBgActiveHover: palette.accentSoft,
      fontFamily: FONT,
      fontFamilyCode: MONO,
      fontSize: 14,
      borderRadius: 6,
      borderRadiusLG: 8,
      borderRadiusSM: 4,
      // What a finger hits is 44 px high; a mouse needs less, and its tables are denser.
      controlHeight: isTouched ? 44 : 34,
      controlHeightSM: isTouched ? 38 : 26,
      controlInteractiveSize: isTouched ? 22 : 17,
      boxShadow: palette.shadow,
      boxShadowSecondary: palette.shadow,
      motion: hasMotion,
      wireframe: false,
    },
    components: {
      Button: {
        primaryShadow: "none",
        defaultShadow: "none",
        dangerShadow: "none",
        primaryColor: palette.accentInk,
        fontWeight: 500,
      },
      Card: { headerFontSize: 15 },
      Table: {
        headerBg: "transparent",
        headerColor: palette.inkFaint,
        headerSplitColor: "transparent",
        rowHoverBg: palette.ground,
        headerSortActiveBg: "transparent",
        headerSortHoverBg: "transparent",
        bodySortBg: "transparent",
        cellPaddingBlock: 9,
      },
      Tabs: { horizontalItemGutter: 24 },
      Tooltip: { colorBgSpotlight: isDark ? "#2b3438" : "#20292d" },
      Modal: { titleFontSize: 17 },
      Segmented: {
        trackBg: palette.lineSoft,
        itemSelectedBg: isDark ? "#3b474d" : palette.paper,
        itemColor: palette.inkSoft,
      },
    },
  };
}
