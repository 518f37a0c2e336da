# The image of every role: an edge, a shard node, or all in one process. What it does is said by settings alone.
#
#   docker build -t merchant-quota-service .
#   docker run --read-only --cap-drop ALL -p 127.0.0.1:40022:40022 --env-file .env merchant-quota-service
#
# Without DB_HOST and with ALLOW_EMBEDDED=true it keeps its own Postgres in /data: give it a volume there.

ARG NODE_VERSION=20

FROM node:${NODE_VERSION}-bookworm-slim AS build
WORKDIR /build
# Libraries are a layer of their own: a change of the sources does not fetch them again. No library's script runs: what
# needs one are tools of the tests, and `prepare` would build sources that are not here yet. The optional ones are
# needed: what builds the console has a program of its own for each kind of machine.
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY src ./src
COPY shards ./shards
COPY ops ./ops
# The packed database of a first start has the schema in it.
COPY migrations ./migrations
RUN npm run build && npm prune --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund
# Maps and declarations serve nobody here.
RUN find dist node_modules \( -name '*.map' -o -name '*.d.ts' -o -name '*.tsbuildinfo' \) -delete

# Node's program alone: npm, yarn and the headers of Node's own image are a third of it, and a running service needs none.
FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="merchant-quota-service" \
      org.opencontainers.image.description="Counts what each merchant takes, holds and gives back, exactly once and durably." \
      org.opencontainers.image.licenses="UNLICENSED"
# A number and not a name: Kubernetes can see that it is not root without looking into the image.
RUN groupadd --gid 10001 quota && useradd --uid 10001 --gid quota --no-create-home --shell /usr/sbin/nologin quota \
    && install -d -o quota -g quota -m 0700 /data
COPY --from=build /usr/local/bin/node /usr/local/bin/node
WORKDIR /app
# Owned by root: the process cannot change its own program, even where the root file system is writable.
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
COPY --from=build /build/migrations ./migrations
RUN ln -s /app/dist/ops/quotactl.js /usr/local/bin/quotactl
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
ENV NODE_ENV=production \
    DATA_DIR=/data
USER 10001:10001
EXPOSE 40022
# Ready, and not merely alive: what waits for this container waits until it can commit. Docker itself restarts nothing
# that is unhealthy; where an orchestrator does, point it at /health/live (see ops/k8s). The shell asks, since a second
# Node takes a sixth of a second of the processor each time, and on a busy machine more than the 3 s that it has.
HEALTHCHECK --interval=2s --timeout=3s --start-period=60s --retries=5 \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/${PORT:-40022} && printf 'GET /health/ready HTTP/1.0\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [ \"$status\" = 200 ]"]
# Node itself is process 1 and hears SIGTERM: a shell or npm between them would not pass it on.
# Young space for what waits for its commit: with the 16 MB that Node has by itself each collection copies most of it.
CMD ["node", "--max-semi-space-size=32", "dist/src/main.js"]
