/**
 * What a newcomer sees once the service serves outside production: what is embedded, where the pages are, and three
 * calls to paste.
 * @param url of this service, without a slash at its end
 * @param token that a caller may use
 * @param durability what the database keeps through what
 */
export function banner(url: string, token: string, durability: string): string {
  const curl = (path: string, body: object) =>
    `curl -sw '\\n' ${url}/api/v1/quotas/${path} -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' -d '${JSON.stringify(body)}'`;
  const asked = { merchant_id: "merchant-1", currency: "USD", amount: 50_000 };
  const order = { ...asked, order_no: "ORDER-001" };
  return `
Merchant quota service is serving.
  store    ${durability}
  console  ${url}/console/
  Swagger  ${url}/swagger/index.html
  health   ${url}/health      metrics  ${url}/metrics

A development token, good for a day (more: npx quotactl token --user-type service|admin|merchant):
export TOKEN=${token}

Would it fit?  Take it.  Give it back.
${curl("check", asked)}
${curl("consume", order)}
${curl("release", order)}
`;
}
