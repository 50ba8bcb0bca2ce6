/** Whether an invitation that nobody accepted can still be. */
export function invitationStatus({ expires_at }: { expires_at: Date }, now: Date): 'pending' | 'expired' {
  return expires_at <= now ? 'expired' : 'pending';
}
