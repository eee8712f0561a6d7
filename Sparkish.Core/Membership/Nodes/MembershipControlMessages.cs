using Sparkish.Rpc;

namespace Sparkish.Membership.Nodes;

// From ClusterMembership to the endpoint of its own env; they have no number, so that no peer can send them.

/// <summary>Sent to be told of changes; answered by a <see cref="MembershipSnapshot"/> and then by each <see cref="MemberEvent"/>.</summary>
internal sealed record SubscribeToMembers(RpcEndpointRef Subscriber);

/// <summary>Takes a <see cref="SubscribeToMembers"/> back.</summary>
internal sealed record UnsubscribeFromMembers(RpcEndpointRef Subscriber);

/// <summary>Asked to tell something else of this node from now on; answered by true.</summary>
internal sealed record UpdateMetadata(IReadOnlyDictionary<string, string> Metadata);

/// <summary>Asked to say good-bye; answered by true when it was heard, or after a moment.</summary>
internal sealed record LeaveGroup;
