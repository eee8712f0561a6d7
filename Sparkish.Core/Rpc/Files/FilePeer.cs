namespace Sparkish.Rpc.Files;

/// <summary>The parts of an env that a file transfer needs.</summary>
internal abstract class FilePeer
{
    /// <summary>The clock for pauses.</summary>
    public abstract TimeProvider Time { get; }

    /// <summary>Spreads the pauses of many.</summary>
    public abstract Random Random { get; }

    /// <summary>Opens a path of the peer; blocks.</summary>
    public abstract Stream Open(string path);

    /// <summary>Whether the connection caused an error, so that a retry may succeed.</summary>
    public abstract bool IsTransient(Exception error);

    /// <summary>Runs blocking work on a thread that may block.</summary>
    public abstract Task<T> RunBlockingAsync<T>(Func<T> work);
}
