import {
  ApartmentOutlined,
  AuditOutlined,
  CalendarOutlined,
  DeploymentUnitOutlined,
  ProfileOutlined,
  SettingOutlined,
  TeamOutlined,
} from "@ant-design/icons";
import type { ReactNode } from "react";

import type { Role } from "@/api/session";

export interface Place {
  readonly key: "chains" | "models" | "parties" | "templates" | "schedules" | "audit" | "settings";
  readonly path: string;
  readonly icon: ReactNode;
  /** Who may not is not shown it. */
  readonly needs?: Role;
}

/** Where the rail leads, in its order; the first four are a phone's bar too. */
export const places: readonly Place[] = [
  { key: "chains", path: "/chains", icon: <ApartmentOutlined /> },
  { key: "models", path: "/models", icon: <DeploymentUnitOutlined /> },
  { key: "parties", path: "/parties", icon: <TeamOutlined /> },
  { key: "templates", path: "/templates", icon: <ProfileOutlined /> },
  { key: "schedules", path: "/schedules", icon: <CalendarOutlined /> },
  { key: "audit", path: "/audit", icon: <AuditOutlined />, needs: "admin" },
  { key: "settings", path: "/settings", icon: <SettingOutlined /> },
];
