# The image of every transformer. A user's own is three lines:
#   FROM kserve-transformer
#   COPY --chown=1000 . /transformer/
#   RUN kserve-transformer install
#
# Targets: plain (the last one, what a build without --target makes), onnx and otel (with the optional packages of that name),
# distroless (no shell, no npm).
ARG BASE=node:24-bookworm-slim

FROM ${BASE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
# No scripts: one of them would build what is not copied yet, the others would download.
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY src src
COPY transformers transformers
COPY playground playground
# Types, maps and pages are for those who write code, not for an image; licences stay.
RUN npm run build && npm prune --omit=dev --ignore-scripts \
  && find node_modules dist \( -name "*.ts" -o -name "*.mts" -o -name "*.cts" -o -name "*.map" -o -name "README*" -o -name "CHANGELOG*" \) -delete

# The optional packages in the versions of the lock, with all that they need.
FROM build AS optional
RUN npm ci --ignore-scripts \
  && find node_modules \( -name "*.ts" -o -name "*.mts" -o -name "*.cts" -o -name "*.map" -o -name "README*" -o -name "CHANGELOG*" \) -delete

FROM optional AS build-otel
RUN mkdir /packages && node scripts/release/optional-packages.mjs "@opentelemetry/" | xargs cp -r --parents --target-directory /packages

# Of its libraries those of this platform alone.
FROM optional AS build-onnx
RUN mkdir /packages && node scripts/release/optional-packages.mjs onnxruntime-node | xargs cp -r --parents --target-directory /packages \
  && cd /packages/node_modules/onnxruntime-node/bin \
  && find . -mindepth 3 -maxdepth 3 -type d ! -path "*/linux/$(node -p process.arch)" -exec rm -rf {} +

FROM ${BASE} AS runtime
ARG VERSION=0.0.0-dev
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
LABEL org.opencontainers.image.title="kserve-transformer" \
  org.opencontainers.image.description="Transformers for KServe in TypeScript" \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}" \
  org.opencontainers.image.created="${CREATED}"
# Two arenas: threads that decode pictures would each keep one of their own, and memory that is free would not be used again.
ENV NODE_ENV=production MALLOC_ARENA_MAX=2
COPY --from=build /build/package.json /app/
COPY --from=build /build/dist /app/dist
# The one module in here is served, or the shipped transformer that the environment variable TRANSFORMER names. Its owner is the
# user below, so that "kserve-transformer install" needs no other; with a read-only root nobody writes anyway.
RUN mkdir /transformer && chown 1000:1000 /transformer && ln -s /app/dist/src/cli/main.js /usr/local/bin/kserve-transformer
WORKDIR /transformer
# A number, so that Kubernetes can see that it is not root.
USER 1000
EXPOSE 8080
# Exec form, and no CMD: a cluster's arguments replace CMD, and signals must reach node.
ENTRYPOINT ["node", "/app/dist/src/cli/main.js", "serve"]

FROM runtime AS onnx
COPY --from=build /build/node_modules /app/node_modules
COPY --from=build-onnx /packages/node_modules /app/node_modules

FROM runtime AS otel
COPY --from=build /build/node_modules /app/node_modules
COPY --from=build-otel /packages/node_modules /app/node_modules

# What node needs and nothing else: no shell, no package manager, a third less to download. A user's dependencies are installed in a
# stage from the plain image and copied.
FROM ${BASE} AS parts
RUN mkdir -p /parts/transformer /parts/tmp /parts/etc/ssl && chmod 1777 /parts/tmp \
  && ldd "$(command -v node)" | grep -o "/[^ ]*" | xargs -I{} cp --parents --dereference {} /parts/ \
  && cp --parents --dereference "$(command -v node)" /parts/ \
  && cp -r --parents --dereference /etc/ssl/certs /parts/ \
  && cp --parents /lib/*-linux-gnu/libnss_dns.so.2 /lib/*-linux-gnu/libnss_files.so.2 /lib/*-linux-gnu/libresolv.so.2 /parts/ \
  && printf 'root:x:0:0::/root:/sbin/nologin\nnode:x:1000:1000::/transformer:/sbin/nologin\n' > /parts/etc/passwd \
  && printf 'hosts: files dns\n' > /parts/etc/nsswitch.conf

FROM scratch AS distroless
ARG VERSION=0.0.0-dev
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
LABEL org.opencontainers.image.title="kserve-transformer" \
  org.opencontainers.image.description="Transformers for KServe in TypeScript, without a shell" \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}" \
  org.opencontainers.image.created="${CREATED}"
ENV NODE_ENV=production MALLOC_ARENA_MAX=2 PATH=/usr/local/bin
COPY --from=parts /parts /
COPY --from=build /build/node_modules /app/node_modules
COPY --from=build /build/package.json /app/
COPY --from=build /build/dist /app/dist
WORKDIR /transformer
USER 1000
EXPOSE 8080
ENTRYPOINT ["node", "/app/dist/src/cli/main.js", "serve"]

# The last stage: what a build without --target makes.
FROM runtime AS plain
COPY --from=build /build/node_modules /app/node_modules
