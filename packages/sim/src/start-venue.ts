/** Something that listens once it is started. */
interface Startable {
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a venue; one that cannot be started is closed, so that nothing of it is left. */
export async function startVenue<V extends Startable>(venue: V): Promise<V> {
  try {
    await venue.start();
  } catch (error) {
    await venue.close();
    throw error;
  }
  return venue;
}
