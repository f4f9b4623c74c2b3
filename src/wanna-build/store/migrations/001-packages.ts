// The first schema: packages, the transaction log, answered reports, installability checks.
import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { StoreSchema } from '../schema.ts';

/** Creates the tables of schema 1. */
export async function up(db: Kysely<StoreSchema>): Promise<void> {
  await db.schema
    .createTable('packages')
    .addColumn('package', 'text', (column) => column.notNull())
    .addColumn('distribution', 'text', (column) => column.notNull())
    .addColumn('architecture', 'text', (column) => column.notNull())
    .addColumn('version', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('previous_state', 'text')
    .addColumn('state_change', 'text', (column) => column.notNull())
    .addColumn('builder', 'text')
    .addColumn('claim', 'integer', (column) => column.notNull())
    .addColumn('section', 'text')
    .addColumn('priority', 'text')
    .addColumn('component', 'text', (column) => column.notNull())
    .addColumn('notes', 'text')
    .addColumn('installed_version', 'text')
    .addColumn('failed', 'text')
    .addColumn('old_failed', 'text')
    .addColumn('depends', 'text')
    .addColumn('bd_problem', 'text')
    .addColumn('binary_nmu_version', 'integer')
    .addColumn('binary_nmu_changelog', 'text')
    .addColumn('buildpri', 'integer')
    .addColumn('permbuildpri', 'integer')
    .addColumn('extra_depends', 'text')
    .addColumn('extra_conflicts', 'text')
    .addColumn('rel', 'text')
    .addColumn('source_path', 'text')
    .addColumn('last_successful_build_time', 'integer')
    .addColumn('last_build_time', 'integer')
    .addColumn('change', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('packages_key', ['distribution', 'architecture', 'package'])
    .execute();
  await db.schema
    .createIndex('packages_by_state')
    .on('packages')
    .columns(['state', 'distribution', 'architecture'])
    .execute();
  await createTransactions(db);
  await createReports(db);
}

const createTransactions = async (db: Kysely<StoreSchema>): Promise<void> => {
  await db.schema
    .createTable('transactions')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('time', 'text', (column) => column.notNull())
    .addColumn('package', 'text', (column) => column.notNull())
    .addColumn('distribution', 'text', (column) => column.notNull())
    .addColumn('architecture', 'text', (column) => column.notNull())
    .addColumn('version', 'text', (column) => column.notNull())
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('previous_state', 'text')
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('real_user', 'text', (column) => column.notNull())
    .addColumn('builder', 'text')
    .addColumn('intent', 'text')
    .execute();
  await db.schema
    .createIndex('transactions_by_package')
    .on('transactions')
    .columns(['package', 'distribution', 'architecture'])
    .execute();
  await db.schema
    .createIndex('transactions_by_intent')
    .on('transactions')
    .columns(['intent', 'package', 'distribution', 'architecture'])
    .unique()
    .where(sql.ref('intent'), 'is not', null)
    .execute();
};

const createReports = async (db: Kysely<StoreSchema>): Promise<void> => {
  await db.schema
    .createTable('reports')
    .addColumn('intent', 'text', (column) => column.notNull())
    .addColumn('package', 'text', (column) => column.notNull())
    .addColumn('distribution', 'text', (column) => column.notNull())
    .addColumn('architecture', 'text', (column) => column.notNull())
    .addColumn('time', 'text', (column) => column.notNull())
    .addColumn('answer', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('reports_key', ['intent', 'package', 'distribution', 'architecture'])
    .execute();
  await db.schema
    .createTable('installability_checks')
    .addColumn('distribution', 'text', (column) => column.notNull())
    .addColumn('architecture', 'text', (column) => column.notNull())
    .addColumn('time', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('installability_checks_key', ['distribution', 'architecture'])
    .execute();
};
