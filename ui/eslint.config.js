import hooks from "eslint-plugin-react-hooks";
import ts from "typescript-eslint";

export default ts.config(
  { ignores: ["src/api/schema.d.ts", "node_modules"] },
  ...ts.configs.recommended,
  hooks.configs.flat.recommended,
  { rules: { "@typescript-eslint/consistent-type-imports": "error", "no-console": "error" } },
);
