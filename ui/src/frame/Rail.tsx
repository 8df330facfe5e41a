import { MenuFoldOutlined, MenuUnfoldOutlined } from "@ant-design/icons";
import { Button, Tooltip } from "antd";
import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";

import { useMay } from "@/api/session";
import { choose } from "@/frame/choices";
import { useNarrowRail, useRoomyRail } from "@/frame/media";
import { places } from "@/frame/places";

import styles from "./Rail.module.css";

/** The way to every part, at the left. */
export function Rail() {
  const { t } = useTranslation();
  const isNarrow = useNarrowRail();
  const isRoomy = useRoomyRail();
  const isAdmin = useMay("admin");
  const shown = places.filter((place) => place.needs !== "admin" || isAdmin);
  const fold = t(isNarrow ? "frame.wider" : "frame.narrower");
  return (
    <nav className={styles.rail} aria-label={t("frame.nav.label")}>
      <ul>
        {shown.map((place) => (
          <li key={place.key} className={place.key === "settings" ? styles.last : undefined}>
            <Tooltip title={isNarrow ? t(`frame.nav.${place.key}`) : ""} placement="right">
              <NavLink to={place.path} className={styles.link ?? ""}>
                {place.icon}
                <span className={isNarrow ? "hidden-visually" : undefined}>
                  {t(`frame.nav.${place.key}`)}
                </span>
              </NavLink>
            </Tooltip>
          </li>
        ))}
      </ul>
      {isRoomy && (
        <Tooltip title={fold} placement="right">
          <Button
            type="text"
            className={styles.fold ?? ""}
            icon={isNarrow ? <MenuUnfoldOutlined /> : <MenuFoldOutlined />}
            aria-label={fold}
            aria-expanded={!isNarrow}
            onClick={() => choose({ isRailNarrow: !isNarrow })}
          />
        </Tooltip>
      )}
    </nav>
  );
}
