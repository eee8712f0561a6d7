namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>Registers watches at a server that were set at another one; changes since the transaction fire them at once.</summary>
internal sealed record SetWatchesRequest(long RelativeZxid, IReadOnlyList<(WatchKind Kind, string Path)> Watches)
{
    public ZooKeeperRequest ToRequest() => ZooKeeperRequest.Plain(OpCode.SetWatches, "set watches", writer =>
    {
        writer.Long(RelativeZxid);
        writer.Texts(Paths(WatchKind.Data));
        writer.Texts(Paths(WatchKind.Existence));
        writer.Texts(Paths(WatchKind.Children));
    });

    private List<string> Paths(WatchKind kind) => [.. Watches.Where(watch => watch.Kind == kind).Select(watch => watch.Path)];
}
