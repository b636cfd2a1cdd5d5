# The image of every transformer. A user's own is two lines:
#   FROM kserve-transformer
#   COPY clothing.ts /transformer/
FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
# No scripts: one of them would build what is not copied yet, the others would download.
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY src src
COPY playground playground
COPY transformers transformers
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:24-bookworm-slim
ENV NODE_ENV=production
COPY --from=build /build/node_modules /app/node_modules
COPY --from=build /build/package.json /app/
COPY --from=build /build/dist /app/dist
# The one module in here is served, or the shipped transformer that the environment variable TRANSFORMER names.
RUN mkdir /transformer
WORKDIR /transformer
# A number, so that Kubernetes can see that it is not root.
USER 1000
EXPOSE 8080
# Exec form, and no CMD: a cluster's arguments replace CMD, and signals must reach node.
ENTRYPOINT ["node", "/app/dist/src/cli/main.js", "serve"]
