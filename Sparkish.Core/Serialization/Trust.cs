namespace Sparkish.Serialization;

/// <summary>Who wrote the bytes that are read. It decides which functions may run, or be made, while they are read.</summary>
public enum Trust
{
    /// <summary>
    /// Another process, which may have written anything. Comparers that hold functions are refused, and an exception whose class or fields would need code
    /// to be made arrives as a <see cref="RemoteException"/>.
    /// </summary>
    Peer = 0,

    /// <summary>This process itself, or the driver that this process runs tasks for: code of the application runs here because they say so.</summary>
    Own = 1,
}
