import { useMutation } from "@tanstack/react-query";
import { Button, Collapse, Form, Skeleton } from "antd";
import { useTranslation } from "react-i18next";

import { Problem } from "@/api/problem";
import { createFromTemplate, useTemplate, type Parameter, type Values } from "@/api/templates";
import { ProblemNote } from "@/parts/ProblemNote";
import { useServerWords } from "@/words/useServerWords";

import { ParameterField } from "./ParameterField";
import { firstOf, valuesOf } from "./values";

interface Props {
  readonly name: string;
  readonly onCreated: (chainId: string) => void;
}

/** The form of a template's parameters, and the chain that comes of it. */
export function TemplateForm({ name, onCreated }: Props) {
  const { t } = useTranslation();
  const say = useServerWords();
  const [form] = Form.useForm<Values>();
  const { data: template, error, refetch } = useTemplate(name);
  const create = useMutation({
    mutationFn: (values: Values) => createFromTemplate(name, values),
    onSuccess: onCreated,
    onError: (fault) => {
      const faults = (fault instanceof Problem && fault.body?.faults) || [];
      form.setFields(
        faults
          .filter(({ path }) => path.startsWith("values."))
          .map(({ path, message }) => ({ name: path.slice(7), errors: [say(message)] })),
      );
    },
  });

  if (error !== null) return <ProblemNote error={error} onAgain={() => void refetch()} />;
  if (template === undefined) return <Skeleton active paragraph={{ rows: 8 }} />;
  const parameters = template.parameters ?? [];
  const needed = parameters.filter(isNeeded);
  const others = parameters.filter((parameter) => !isNeeded(parameter));
  return (
    <Form<Values>
      form={form}
      layout="vertical"
      requiredMark={false}
      scrollToFirstError
      initialValues={Object.fromEntries(parameters.map((each) => [each.name, firstOf(each)]))}
      onFinish={(given) => create.mutate(valuesOf(parameters, given))}
    >
      <p className="soft form-note">{say(template.description ?? "")}</p>
      {needed.map((parameter) => (
        <ParameterField key={parameter.name} parameter={parameter} />
      ))}
      {others.length > 0 && (
        <Collapse
          ghost
          defaultActiveKey={needed.length === 0 ? ["others"] : []}
          items={[
            {
              key: "others",
              label: t("templates.others", { count: others.length }),
              forceRender: true,
              children: others.map((parameter) => (
                <ParameterField key={parameter.name} parameter={parameter} />
              )),
            },
          ]}
        />
      )}
      {create.isError && <ProblemNote error={create.error} title={t("templates.failed")} />}
      <Button type="primary" htmlType="submit" loading={create.isPending}>
        {t("templates.create")}
      </Button>
    </Form>
  );
}

function isNeeded(parameter: Parameter): boolean {
  return parameter.default === null || parameter.default === undefined;
}
