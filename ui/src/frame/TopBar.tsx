import { SearchOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { lazy, Suspense, useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { Mark } from "@/frame/Mark";
import { usePhone } from "@/frame/media";
import { PersonMenu } from "@/frame/PersonMenu";
import { LanguageSwitch, ThemeSwitch } from "@/frame/Switches";
import { useShortcut } from "@/frame/useShortcut";

import styles from "./TopBar.module.css";

const CommandPalette = lazy(() => import("@/frame/CommandPalette"));

/** Search, language, theme, person. */
export function TopBar() {
  const { t } = useTranslation();
  const isPhone = usePhone();
  const [isSearching, setSearching] = useState(false);
  const search = useCallback(() => setSearching(true), []);
  useShortcut(search);
  return (
    <header className={styles.bar}>
      <Link to="/chains" className={styles.brand} aria-label={t("common.product")}>
        <Mark size={28} />
        {!isPhone && <span>SecretFlow</span>}
      </Link>
      {isPhone ? (
        <Button
          type="text"
          className={styles.find ?? ""}
          icon={<SearchOutlined />}
          aria-label={t("frame.palette.open")}
          onClick={search}
        />
      ) : (
        <button type="button" className={styles.search} onClick={search}>
          <SearchOutlined />
          <span>{t("frame.palette.placeholder")}</span>
          <kbd>Ctrl K</kbd>
        </button>
      )}
      <div className={styles.end}>
        <LanguageSwitch />
        <ThemeSwitch />
        <PersonMenu />
      </div>
      {isSearching && (
        <Suspense>
          <CommandPalette onClose={() => setSearching(false)} />
        </Suspense>
      )}
    </header>
  );
}
