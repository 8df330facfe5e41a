import { Form, Input, InputNumber, Select, Switch } from "antd";
import { useTranslation } from "react-i18next";

import type { Parameter } from "@/api/templates";
import { useServerWords } from "@/words/useServerWords";

import { exampleOf, isJsonOf } from "./values";

/** One parameter of a template as a field, by its type. */
export function ParameterField({ parameter }: { parameter: Parameter }) {
  const { t } = useTranslation();
  const say = useServerWords();
  const { name, type, description } = parameter;
  const isNeeded = parameter.default === null || parameter.default === undefined;
  const isJson = type === "object" || type === "list";
  return (
    <Form.Item
      name={name}
      label={description ? say(description) : name}
      extra={description ? <code className="faint">{name}</code> : undefined}
      valuePropName={type === "boolean" ? "checked" : "value"}
      rules={[
        ...(isNeeded && type !== "boolean"
          ? [{ required: true, message: t("templates.needed") }]
          : []),
        ...(isJson
          ? [
              {
                validator: (_: unknown, text?: string) =>
                  !text || isJsonOf(parameter, text)
                    ? Promise.resolve()
                    : Promise.reject(new Error(t("templates.noJson"))),
              },
            ]
          : []),
      ]}
    >
      <Control parameter={parameter} />
    </Form.Item>
  );
}

function Control({ parameter, ...given }: { parameter: Parameter }) {
  const { t } = useTranslation();
  const example = exampleOf(parameter);
  const placeholder = example === undefined ? "" : t("templates.example", { example });
  switch (parameter.type) {
    case "integer":
      return <InputNumber {...given} precision={0} placeholder={placeholder} className="fills" />;
    case "number":
      return <InputNumber {...given} placeholder={placeholder} className="fills" />;
    case "boolean":
      return <Switch {...given} />;
    case "columns":
      return (
        <Select
          {...given}
          mode="tags"
          open={false}
          suffixIcon={null}
          tokenSeparators={[",", " ", "\n", "，"]}
          placeholder={placeholder}
        />
      );
    case "object":
    case "list":
      return <Input.TextArea {...given} rows={4} className="mono" />;
    case "path":
      return <Input {...given} placeholder={placeholder} className="mono" />;
    default:
      return <Input {...given} placeholder={placeholder} />;
  }
}
