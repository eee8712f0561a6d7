namespace Sparkish.Tasks;

/// <summary>How a task attempt stands, as its executor reports it.</summary>
internal enum TaskState
{
    Finished,
    Failed,
    FetchFailed,
    Killed,
}
