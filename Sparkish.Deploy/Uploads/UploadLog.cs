using Microsoft.Extensions.Logging;
using Sparkish.Rpc;

namespace Sparkish.Deploy.Uploads;

/// <summary>Log events of uploads: 3500 to 3549.</summary>
internal static partial class UploadLog
{
    [LoggerMessage(3501, LogLevel.Information, "Package {Hash} of {Length} bytes received from {Peer}")]
    public static partial void PackageReceived(this ILogger log, string hash, long length, RpcAddress peer);

    [LoggerMessage(3502, LogLevel.Warning, "Package {Hash} of {Peer} refused: {Reason}")]
    public static partial void PackageRefused(this ILogger log, string hash, RpcAddress peer, string reason);

    [LoggerMessage(3503, LogLevel.Information, "Package {Hash} removed: no driver needs it")]
    public static partial void PackageRemoved(this ILogger log, string hash);

    [LoggerMessage(3504, LogLevel.Warning, "Package {Hash} could not be removed: {Reason}")]
    public static partial void PackageNotRemoved(this ILogger log, string hash, string reason);

    [LoggerMessage(3505, LogLevel.Debug, "Packages are kept, since this master does not lead: {Reason}")]
    public static partial void PackagesKept(this ILogger log, string reason);

    [LoggerMessage(3506, LogLevel.Information, "Package {Hash} fetched by {Peer}")]
    public static partial void PackageFetched(this ILogger log, string hash, RpcAddress? peer);
}
