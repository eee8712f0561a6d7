namespace Sparkish.Persistence.Files;

/// <summary>
/// The file system operations of a file journal. An implementation may also be the disk of a simulated node, or one that fails at a chosen point. Paths are
/// relative, with <c>/</c>. Blocking operations are called within <see cref="RunAsync"/> only. Members report failures like the framework's files:
/// <see cref="IOException"/> and <see cref="UnauthorizedAccessException"/>.
/// </summary>
internal interface IJournalFiles
{
    /// <summary>Creates the completions that callers await.</summary>
    TaskCreationOptions Completions { get; }

    /// <summary>Runs a step that blocks, off the caller's thread; a killed process is killed between steps or within them.</summary>
    Task<T> RunAsync<T>(Func<T> step);

    /// <summary>The full path, for people.</summary>
    string FullName(string path);

    /// <summary>The names of a directory's files; none if the directory does not exist.</summary>
    IReadOnlyList<string> ListFiles(string directory);

    /// <summary>The names of the directories in the root; none if the root does not exist.</summary>
    IReadOnlyList<string> ListDirectories();

    /// <summary>Creates a directory and its parents, durably; does nothing if it exists.</summary>
    void CreateDirectory(string directory);

    /// <summary>Creates an empty file, replacing an existing one.</summary>
    IJournalFile Create(string path);

    /// <summary>Opens a file; null if it does not exist.</summary>
    IJournalFile? Open(string path, bool writable = false);

    /// <summary>Replaces a file by another atomically; durable after <see cref="FlushDirectory"/>.</summary>
    void Rename(string from, string to);

    /// <summary>Deletes a file; does nothing if it does not exist.</summary>
    void Delete(string path);

    /// <summary>Makes the names of a directory durable.</summary>
    void FlushDirectory(string directory);

    /// <summary>Locks a file against other processes until the result is disposed, or this process ends in any way.</summary>
    /// <exception cref="JournalLockedException">Another process holds the lock; the message names it.</exception>
    IDisposable Lock(string path);
}

/// <summary>An open file. Used by one caller at a time.</summary>
internal interface IJournalFile : IDisposable
{
    long Length { get; }

    /// <summary>Reads up to the end of the file or of the buffer; 0 at the end.</summary>
    int Read(long position, Span<byte> buffer);

    /// <summary>Writes all bytes, or throws and may have written some of them.</summary>
    void Write(long position, ReadOnlySpan<byte> bytes);

    /// <summary>Cuts the file.</summary>
    void SetLength(long length);

    /// <summary>Makes the written bytes durable.</summary>
    void Flush();
}
