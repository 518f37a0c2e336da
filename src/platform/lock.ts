/**
 * Keeps a job that one node runs from being run by another at the same time. It saves work and is no promise: a lock
 * can be lost while its holder goes on, so a job must bear being run twice, or by two at once.
 */
export interface JobLock {
  /**
   * Runs unless somebody else is at it.
   * @param run its signal says that the lock was lost: to stop then saves work
   * @returns false = somebody else is at it, and nothing was run
   * @throws Fault when nobody can say who has the lock, and whatever `run` throws
   */
  hold(name: string, run: (lost: AbortSignal) => Promise<void>): Promise<boolean>;
}
