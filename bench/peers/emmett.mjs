// Appends to PostgreSQL with Emmett, CONCURRENCY events at a time for SECONDS, and prints the rate per second:
//   node emmett.mjs CONNECTION_STRING CONCURRENCY SECONDS
import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';

const [connection, concurrency, seconds] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const store = getPostgreSQLEventStore(connection);
await store.schema.migrate();

let number = 0;
const draft = () => ({
  type: 'ProfileSaved',
  data: {
    answers: {
      legal_structure: 'corporation',
      year_founded: '1998',
      company_activities: `Sawn timber and maple products, catalogue ${++number}, reviewed each January.`,
      company_owners: 'A family trust and two employees, a third each.',
      head_office_address: '12 rue Principale, Gatineau QC J8X 3X7',
    },
  },
});

const warm = Date.now() + 1000;
const end = warm + seconds * 1000;
let counted = 0;
// One writer per stream, as one signed-in owner per company.
const appends = async (stream) => {
  while (Date.now() < end) {
    await store.appendToStream(`programme-${stream}`, [draft()]);
    const now = Date.now();
    if (now >= warm && now < end) counted += 1;
  }
};
await Promise.all(Array.from({ length: concurrency }, (_, i) => appends(i)));
console.log(JSON.stringify({ clients: concurrency, per_second: counted / seconds }));
await store.close();
