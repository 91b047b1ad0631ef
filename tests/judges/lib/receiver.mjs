// A web server that takes webhooks and keeps what came, byte for byte. It answers 200 unless told
// otherwise; it judges nothing.
import { createServer } from 'node:http';

export class WebhookReceiver {
    // In order of arrival: {headers, body (Buffer), status (what was answered), event (parsed body)}.
    deliveries = [];
    // A status, or a function of the delivery that gives one; null leaves it without an answer.
    answer = 200;

    #server = createServer((request, response) => this.#take(request, response));

    listen() {
        return new Promise((resolve) => {
            this.#server.listen(0, '127.0.0.1', () => {
                this.url = `http://127.0.0.1:${this.#server.address().port}/webhooks`;
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
        const body = Buffer.concat(chunks);
        const delivery = { url: request.url, headers: request.headers, body };
        Object.defineProperty(delivery, 'event', { get: () => JSON.parse(body.toString()) });
        delivery.status = typeof this.answer === 'function' ? this.answer(delivery) : this.answer;
        this.deliveries.push(delivery);
        if (delivery.status !== null) response.writeHead(delivery.status).end();
    }

    // The events delivered, of one type if given.
    events(type) {
        return this.deliveries.map(({ event }) => event).filter((event) => !type || event.type === type);
    }
    clear() {
        this.deliveries = [];
    }
}
