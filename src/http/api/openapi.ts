import type { ApiRoute } from "./route.ts";
import { objectSchema, type Schema, text, word } from "./schema.ts";

/** What went wrong. */
export const errorSchema: Schema = objectSchema<{ status: "error"; error: string }>("Error", {
  status: word("error"),
  error: text,
});

const statusTexts: Readonly<Record<number, string>> = {
  200: "what was asked for",
  400: "what was given is not accepted",
  401: "whoever asks may not",
  403: "whoever asks may use the API, and not this",
  404: "there is nothing of that name",
  409: "not in the state that things are in",
  500: "a defect of the server",
  501: "this server lacks what it takes",
  502: "what was asked elsewhere failed",
  503: "the server is closing, or too many ask",
  504: "whoever knows does not answer",
};

/** Gathers the schemas that have a name, and puts references in their places. */
class Components {
  readonly schemas: Record<string, Schema> = {};

  refer(schema: Schema): Schema {
    const inner = this.#inside(schema);
    const { title } = schema;
    if (typeof title !== "string") return inner;
    this.schemas[title] = inner;
    return { $ref: `#/components/schemas/${title}` };
  }

  #inside(schema: Schema): Schema {
    return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, this.#part(key, value)]));
  }

  #part(key: string, value: unknown): unknown {
    if (key === "properties")
      return Object.fromEntries(
        Object.entries(value as Schema).map(([name, part]) => [name, this.refer(part as Schema)]),
      );
    if (key === "items") return this.refer(value as Schema);
    if (key === "anyOf") return (value as readonly Schema[]).map((part) => this.refer(part));
    return value;
  }
}

/** `{name...}` is written as `{name}`: OpenAPI has no word for a parameter with slashes. */
const pathOf = ({ path }: ApiRoute): string => path.replace("...}", "}");

const jsonContent = (schema: Schema): Schema => ({ "application/json": { schema } });

const answerContent = ({ answer }: ApiRoute, components: Components): Schema =>
  typeof answer === "string"
    ? { [answer]: { schema: { type: "string", contentMediaType: answer } } }
    : jsonContent(components.refer(answer));

const operationOf = (route: ApiRoute, components: Components): Schema => {
  const [, parameter] = /\{(\w+)(?:\.{3})?\}$/.exec(route.path) ?? [];
  const takesSlashes = route.path.endsWith("...}");
  const inPath = parameter && {
    name: parameter,
    in: "path",
    required: true,
    schema: { type: "string" },
    ...(takesSlashes ? { description: "may hold slashes, as they are or as %2F" } : {}),
  };
  const inQuery = (route.query ?? []).map(({ name, description, schema, isRequired = false }) => ({
    name,
    in: "query",
    required: isRequired,
    description,
    schema,
  }));
  const failures = [...(route.refusals ?? []), 401, 500];
  return {
    summary: route.summary,
    operationId: operationIdOf(route),
    ...(parameter || inQuery.length > 0 ? { parameters: [...(inPath ? [inPath] : []), ...inQuery] } : {}),
    ...(route.body
      ? { requestBody: { required: true, content: jsonContent(components.refer(route.body)) } }
      : {}),
    responses: {
      200: { description: statusTexts[200], content: answerContent(route, components) },
      ...Object.fromEntries(
        failures.map((status) => [
          status,
          { description: statusTexts[status], content: jsonContent(components.refer(errorSchema)) },
        ]),
      ),
    },
  };
};

/** `/v3/config/paths/add/{name...}` becomes `configPathsAdd`. */
const operationIdOf = ({ path }: ApiRoute): string =>
  path
    .replace(/^\/v3\/|\/\{.*$/g, "")
    .replace(/[^a-zA-Z0-9]+(\w)/g, (_, letter: string) => letter.toUpperCase());

/** The document of an API that is made of these routes. OpenAPI 3.1. */
export const openApiDocument = (routes: readonly ApiRoute[], version: string): Schema => {
  const components = new Components();
  const paths: Record<string, Record<string, Schema>> = {};
  for (const route of routes) {
    const path = pathOf(route);
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route, components) };
  }
  return {
    openapi: "3.1.0",
    info: { title: "rtmp-server control API", version },
    security: [{}, { basic: [] }, { bearer: [] }],
    paths,
    components: {
      securitySchemes: {
        basic: { type: "http", scheme: "basic" },
        bearer: { type: "http", scheme: "bearer" },
      },
      schemas: components.schemas,
    },
  };
};
