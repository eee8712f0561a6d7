using Microsoft.Extensions.Logging;
using Sparkish.Rpc;

namespace Sparkish.Membership.Nodes;

/// <summary>Log events of membership.</summary>
internal static partial class MembershipLog
{
    [LoggerMessage(1401, LogLevel.Information, "Member {Member} is up ({Roles})")]
    public static partial void Up(this ILogger log, Member member, string roles);

    [LoggerMessage(1402, LogLevel.Information, "Member {Member} is suspected by {By}: {Reason}")]
    public static partial void Suspected(this ILogger log, Member member, RpcAddress by, string reason);

    [LoggerMessage(1403, LogLevel.Warning, "Member {Member} is down: {Reason}")]
    public static partial void Down(this ILogger log, Member member, string reason);

    [LoggerMessage(1404, LogLevel.Information, "Member {Member} has left")]
    public static partial void Left(this ILogger log, Member member);

    [LoggerMessage(1405, LogLevel.Warning, "This node ({Member}) was removed although it is alive, and rejoins: {Reason}")]
    public static partial void TakenForDead(this ILogger log, Member member, string reason);

    [LoggerMessage(1406, LogLevel.Warning, "Refused membership message {Message}: {Error}")]
    public static partial void MessageRefused(this ILogger log, string message, string error);

    [LoggerMessage(1408, LogLevel.Warning,
        "The thread pool of this process has not read messages for {Time}: until it does, this node suspects no other node and reports itself alive")]
    public static partial void HearsNothing(this ILogger log, TimeSpan time);

    [LoggerMessage(1409, LogLevel.Information, "The thread pool of this process responds again")]
    public static partial void HearsAgain(this ILogger log);

    [LoggerMessage(1407, LogLevel.Warning, "Could not send {Message} to {Peer}")]
    public static partial void SendFailed(this ILogger log, Exception error, string message, RpcAddress peer);

    [LoggerMessage(1410, LogLevel.Warning,
        "Refused membership messages from {Peer}: it belongs to group '{Group}', this node to '{Own}' (spark.membership.cluster). Groups never merge")]
    public static partial void OtherGroupRefused(this ILogger log, RpcAddress peer, string group, string own);

    [LoggerMessage(1411, LogLevel.Warning,
        "Refused membership messages from {Peer}: they are addressed to another process, which used the address {Own} earlier, perhaps in another group")]
    public static partial void OtherProcessMeant(this ILogger log, RpcAddress peer, RpcAddress own);

    [LoggerMessage(1412, LogLevel.Error,
        "Another process, {Rival} with uid {RivalUid}, uses the address {Address} of this node, which has uid {Uid}. "
        + "The one with the smaller uid leaves the group: give each process its own address")]
    public static partial void AddressClaimed(this ILogger log, Member rival, long rivalUid, RpcAddress address, long uid);
}
