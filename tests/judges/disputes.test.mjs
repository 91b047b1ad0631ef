// Disputes by stripe-node, in both API versions.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fitting, merchants, typesOf } from './lib/fitting.mjs';
import { Simulator, rejection } from './lib/simulator.mjs';

let simulator, both;
before(async () => {
    simulator = await Simulator.start();
    both = await merchants(simulator);
});
after(() => simulator.stop());

function each(name, body) {
    test(name, async () => { for (const merchant of both) await body(merchant); });
}

async function disputed({ stripe, version }, payment_method) {
    const intent = await stripe.paymentIntents.create({
        amount: 100, currency: 'usd', confirm: true, payment_method_types: ['card'], payment_method,
    });
    assert.equal(intent.status, 'succeeded');
    const { data } = fitting(version, await stripe.disputes.list({ payment_intent: intent.id }));
    assert.equal(data.length, 1);
    return data[0];
}

each('a disputed charge is taken back, and the right evidence wins it', async (merchant) => {
    const { stripe, version } = merchant;
    const dispute = await disputed(merchant, 'pm_card_createDispute');
    assert.deepEqual([dispute.status, dispute.reason], ['needs_response', 'fraudulent']);
    assert.equal((await stripe.charges.retrieve(dispute.charge)).disputed, true);
    assert.equal((await rejection(stripe.refunds.create({ charge: dispute.charge }))).code, 'charge_disputed');
    const staged = fitting(version, await stripe.disputes.update(dispute.id, {
        evidence: { product_description: 'a book' }, submit: false, metadata: { a: '1' },
    }));
    assert.deepEqual([staged.status, staged.evidence.product_description], ['needs_response', 'a book']);
    const won = fitting(version, await stripe.disputes.update(dispute.id, {
        evidence: { uncategorized_text: 'winning_evidence' },
    }));
    assert.deepEqual([won.status, won.evidence_details.submission_count], ['won', 1]);
    assert.deepEqual(await typesOf(merchant, dispute.id), [
        'charge.dispute.created', 'charge.dispute.funds_withdrawn', 'charge.dispute.updated',
        'charge.dispute.updated', 'charge.dispute.closed', 'charge.dispute.funds_reinstated',
    ]);
    assert.match((await rejection(stripe.disputes.close(dispute.id))).message, /already closed/);
});

each('losing evidence loses, other evidence waits, giving up loses', async (merchant) => {
    const { stripe } = merchant;
    const lost = await disputed(merchant, 'pm_card_createDispute');
    const answer = await stripe.disputes.update(lost.id, { evidence: { uncategorized_text: 'losing_evidence' } });
    assert.equal(answer.status, 'lost');
    const waiting = await disputed(merchant, 'pm_card_createDisputeProductNotReceived');
    assert.equal(waiting.reason, 'product_not_received');
    assert.equal((await stripe.disputes.update(waiting.id, { evidence: { receipt: 'file_1' } })).status, 'under_review');
    assert.equal((await stripe.disputes.close(waiting.id)).status, 'lost');
});

each('an inquiry takes no money', async (merchant) => {
    const { stripe, version } = merchant;
    const inquiry = await disputed(merchant, 'pm_card_createDisputeInquiry');
    assert.equal(inquiry.status, 'warning_needs_response');
    assert.equal(inquiry.payment_method_details.card.case_type, 'inquiry');
    const closed = fitting(version, await stripe.disputes.close(inquiry.id));
    assert.equal(closed.status, 'warning_closed');
    assert.deepEqual(await typesOf(merchant, inquiry.id), ['charge.dispute.created', 'charge.dispute.closed']);
});
