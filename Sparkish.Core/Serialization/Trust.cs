namespace Sparkish.Serialization;

/// <summary>The trust in the writer of the bytes that are read. It decides which functions may run, or be created, while they are read.</summary>
public enum Trust
{
    /// <summary>
    /// Another process, which may have written anything. Comparers with functions are refused, and an exception whose class or fields need code to create
    /// arrives as a <see cref="RemoteException"/>.
    /// </summary>
    Peer = 0,

    /// <summary>This process itself, or the driver whose tasks this process runs: they may run code of the application here.</summary>
    Own = 1,
}
