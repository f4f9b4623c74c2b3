// All migrations in order; a store's schema number is how many of them it has seen. Never change one that was
// released: add another.
import type { Kysely } from 'kysely';
import type { StoreSchema } from '../schema.ts';
import { up as packages } from './001-packages.ts';

export const migrations: readonly ((db: Kysely<StoreSchema>) => Promise<void>)[] = [packages];
