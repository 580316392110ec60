/** Listeners to messages that are replies to requests of this process, which make no trace of their own. */
export const replyListeners: WeakSet<object> = new WeakSet();
