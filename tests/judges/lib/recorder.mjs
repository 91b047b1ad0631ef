// A mail service that keeps what it is asked and answers as Resend does: an id for each Idempotency-Key.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

export class Recorder {
    requests = []; // {method, path, headers, body (parsed)}
    mails = new Map(); // by Idempotency-Key: {id, body}
    #server = createServer((request, response) => this.#take(request, response));

    listen() {
        return new Promise((resolve) => {
            this.#server.listen(0, '127.0.0.1', () => {
                this.base = `http://127.0.0.1:${this.#server.address().port}`;
                resolve();
            });
        });
    }
    close() {
        return new Promise((resolve) => {
            this.#server.close(resolve);
            this.#server.closeAllConnections();
        });
    }

    async #take(request, response) {
        const chunks = [];
        for await (const chunk of request) chunks.push(chunk);
        const raw = Buffer.concat(chunks).toString();
        this.requests.push({
            method: request.method,
            path: request.url,
            headers: request.headers,
            body: JSON.parse(raw),
        });
        const key = request.headers['idempotency-key'] ?? randomUUID();
        const known = this.mails.get(key);
        if (known && known.raw !== raw) return this.#refuse(response);
        const mail = known ?? { id: randomUUID(), raw };
        this.mails.set(key, mail);
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ id: mail.id }));
    }
    #refuse(response) {
        response.writeHead(409, { 'content-type': 'application/json' });
        response.end(
            JSON.stringify({ statusCode: 409, name: 'invalid_idempotent_request', message: 'another body' }),
        );
    }
}
