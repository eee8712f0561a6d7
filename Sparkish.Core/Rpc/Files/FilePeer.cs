namespace Sparkish.Rpc.Files;

/// <summary>What fetching a file needs of its env.</summary>
internal abstract class FilePeer
{
    /// <summary>The clock that pauses go by.</summary>
    public abstract TimeProvider Time { get; }

    /// <summary>Spreads the pauses of many.</summary>
    public abstract Random Random { get; }

    /// <summary>Opens a path of the peer; blocks.</summary>
    public abstract Stream Open(string path);

    /// <summary>Whether an error is the connection's, so that another try may succeed.</summary>
    public abstract bool IsTransient(Exception error);

    /// <summary>Runs what blocks where it may.</summary>
    public abstract Task<T> RunBlockingAsync<T>(Func<T> work);
}
