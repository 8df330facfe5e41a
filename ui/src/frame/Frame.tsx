import { Skeleton } from "antd";
import { Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Outlet, ScrollRestoration, useNavigation } from "react-router";

import { useNarrowRail, usePhone } from "@/frame/media";
import { PhoneBar } from "@/frame/PhoneBar";
import { Rail } from "@/frame/Rail";
import { TopBar } from "@/frame/TopBar";

import styles from "./Frame.module.css";

/** The rail, the top bar, and the page between them. */
export function Frame() {
  const { t } = useTranslation();
  const isPhone = usePhone();
  const isNarrow = useNarrowRail();
  const isLoading = useNavigation().state === "loading";
  return (
    <div className={isPhone ? styles.phone : isNarrow ? styles.narrow : styles.frame}>
      <a className={styles.skip} href="#content">
        {t("frame.skip")}
      </a>
      <TopBar />
      {!isPhone && <Rail />}
      <main id="content" className={styles.content} tabIndex={-1} aria-busy={isLoading}>
        {isLoading && (
          <div className={styles.loading} role="progressbar" aria-label={t("common.loading")} />
        )}
        <Suspense fallback={<Skeleton active className={styles.waiting ?? ""} />}>
          <Outlet />
        </Suspense>
      </main>
      {isPhone && <PhoneBar />}
      <ScrollRestoration />
    </div>
  );
}
