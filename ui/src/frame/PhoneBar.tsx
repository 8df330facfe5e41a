import { EllipsisOutlined } from "@ant-design/icons";
import { Drawer } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";

import { useMay } from "@/api/session";
import { places } from "@/frame/places";

import styles from "./PhoneBar.module.css";

const SHOWN = 4;

/** The rail of a phone: at the bottom, where the thumb is; what does not fit is behind the last. */
export function PhoneBar() {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  const isAdmin = useMay("admin");
  const all = places.filter((place) => place.needs !== "admin" || isAdmin);
  return (
    <nav className={styles.bar} aria-label={t("frame.nav.label")}>
      {all.slice(0, SHOWN).map((place) => (
        <NavLink key={place.key} to={place.path} className={styles.link ?? ""}>
          {place.icon}
          <span>{t(`frame.nav.${place.key}`)}</span>
        </NavLink>
      ))}
      <button
        type="button"
        className={styles.link}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        onClick={() => setOpen(true)}
      >
        <EllipsisOutlined />
        <span>{t("common.more")}</span>
      </button>
      <Drawer
        open={isOpen}
        placement="bottom"
        size="auto"
        title={t("common.more")}
        onClose={() => setOpen(false)}
      >
        {all.slice(SHOWN).map((place) => (
          <NavLink
            key={place.key}
            to={place.path}
            className={styles.row ?? ""}
            onClick={() => setOpen(false)}
          >
            {place.icon} {t(`frame.nav.${place.key}`)}
          </NavLink>
        ))}
      </Drawer>
    </nav>
  );
}
