namespace Sparkish.Tasks;

/// <summary>The state of a task attempt, as its executor reports it.</summary>
internal enum TaskState
{
    Finished,
    Failed,
    FetchFailed,
    Killed,
}
