import {
  CopyOutlined,
  DeleteOutlined,
  HistoryOutlined,
  MoreOutlined,
  NodeIndexOutlined,
  SnippetsOutlined,
} from "@ant-design/icons";
import { Button, Dropdown, type MenuProps } from "antd";
import { useTranslation } from "react-i18next";

type Deed = "copy" | "paste" | "tidy" | "versions" | "remove";

interface Props {
  readonly deeds: Readonly<Record<Deed, () => void>>;
  readonly hasSelection: boolean;
  readonly hasCopied: boolean;
  readonly hasVersions: boolean;
}

/** On a phone, which has neither their keys nor room for them: the tools in a menu. */
export function FoldedTools({ deeds, hasSelection, hasCopied, hasVersions }: Props) {
  const { t } = useTranslation();
  const item = (key: Deed, icon: React.ReactNode, isOff: boolean) => ({
    key,
    icon,
    disabled: isOff,
    danger: key === "remove",
    label: t(`designer.tool.${key}`),
  });
  const items: MenuProps["items"] = [
    item("copy", <CopyOutlined />, !hasSelection),
    item("paste", <SnippetsOutlined />, !hasCopied),
    item("tidy", <NodeIndexOutlined />, false),
    item("versions", <HistoryOutlined />, !hasVersions),
    item("remove", <DeleteOutlined />, !hasSelection),
  ];
  return (
    <Dropdown trigger={["click"]} menu={{ items, onClick: ({ key }) => deeds[key as Deed]() }}>
      <Button type="text" icon={<MoreOutlined />} aria-label={t("designer.tool.more")} />
    </Dropdown>
  );
}
