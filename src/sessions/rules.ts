/** A session ends so many days after sign-in, whatever happens. */
export const SESSION_DAYS = 30;
/** … and so many days after it was last seen. */
export const IDLE_DAYS = 7;
