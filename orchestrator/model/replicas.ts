import { AppError } from '../../foundation/errors.ts';
import type { InferCall, InferResult, ModelClient, ModelSignature, Tensor } from './client.ts';
import { inferPieces, rowsOfPieces } from './pieces.ts';
import { Readiness } from './readiness.ts';

/** Pieces of one large call in flight at each replica: while one is computed the next is on its way. */
const PIECES_EACH = 2;

/** One replica of a model, as the client of all of them sees it. */
export interface Replica extends ModelClient {
  /** Calls that are not answered yet. */
  readonly pending: number;
  /** How many replicas its server says that the model has. */
  readonly replicas: number;
}

/**
 * A model in as many processes as its wrapper says. The first is always connected to, and tells of the others; a call
 * goes to the one with the fewest calls unanswered, a large one in pieces to all.
 */
export class ReplicatedClient implements ModelClient {
  readonly #open: (replica: number) => Replica;
  readonly #replicas: Replica[] = [];
  readonly #readiness = new Readiness();

  constructor(open: (replica: number) => Replica) {
    this.#open = open;
    this.#add();
  }

  get ready(): boolean {
    return this.#readiness.isReady;
  }

  get signature(): ModelSignature | undefined {
    return this.#any.signature;
  }

  get modelVersion(): string {
    return this.#any.modelVersion;
  }

  infer(tensors: readonly Tensor[], call: InferCall): Promise<InferResult> {
    const rowsEach = this.signature?.isAtomic === false ? rowsOfPieces(tensors, call.rows) : undefined;
    if (rowsEach === undefined) return this.#inferOne(tensors, call);
    const inFlight = PIECES_EACH * this.#replicas.length;
    return inferPieces((piece, own) => this.#inferOne(piece, own), tensors, call, { rowsEach, inFlight });
  }

  onReadyChange(listener: (ready: boolean) => void): () => void {
    return this.#readiness.onChange(listener);
  }

  async close(): Promise<void> {
    await Promise.all(this.#replicas.map((replica) => replica.close()));
  }

  /** One that is ready, or else the first. */
  get #any(): Replica {
    return this.#replicas.find(({ ready }) => ready) ?? this.#replicas[0];
  }

  #inferOne(tensors: readonly Tensor[], call: InferCall): Promise<InferResult> {
    let least: Replica | undefined;
    for (const replica of this.#replicas) {
      if (replica.ready && (least === undefined || replica.pending < least.pending)) least = replica;
    }
    if (least === undefined) return Promise.reject(new AppError('WRAPPER_UNAVAILABLE', 'The model is not available.'));
    return least.infer(tensors, call);
  }

  #add(): void {
    const replica = this.#open(this.#replicas.length);
    const isFirst = this.#replicas.length === 0;
    this.#replicas.push(replica);
    replica.onReadyChange((ready) => {
      if (isFirst && ready) this.#resize(replica.replicas);
      this.#readiness.tell(this.#replicas.some((each) => each.ready));
    });
  }

  /** A wrapper that was started again may have another number of them. */
  #resize(count: number): void {
    while (this.#replicas.length < count) this.#add();
    for (const gone of this.#replicas.splice(Math.max(1, count))) void gone.close();
  }
}
