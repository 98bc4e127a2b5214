// Signs in, publishes an article and reads it back, with what openapi-typescript has made of the OpenAPI document.
import createClient from "openapi-fetch";
import type { paths } from "./schema.js";

const [baseUrl, username, password] = process.argv.slice(2);
if (!baseUrl || !username || !password) throw new Error("address, name, password");
const api = createClient<paths>({ baseUrl });

const login = await api.POST("/api/v1/auth/login/", {
  headers: { "Content-Type": "application/x-www-form-urlencoded" },
  body: { username, password },
  bodySerializer: (body) => new URLSearchParams({ ...body }),
});
if (!login.data) throw new Error(JSON.stringify(login.error));
const headers = { Authorization: `Bearer ${login.data.access_token}` };

const made = await api.POST("/api/v1/articles/", {
  headers,
  body: { title: "By a TypeScript client", content: "Typed, and published.", published: true },
});
if (!made.data) throw new Error(JSON.stringify(made.error));

const read = await api.GET("/api/v1/articles/{id}/", { params: { path: { id: String(made.data.id) } } });
if (!read.data) throw new Error(JSON.stringify(read.error));
const title: string | undefined = read.data.title;
console.log(title);
