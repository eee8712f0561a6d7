namespace Sparkish.Tests.Processes;

/// <summary>Machines, or what looks like them to a process, on which members of a group run.</summary>
internal interface IMachines
{
    /// <summary>The address of a machine in its network.</summary>
    string AddressOf(int machine);

    /// <summary>Starts a program on a machine; it is killed with the machines.</summary>
    TestProcess Start(int machine, string fileName, params string[] arguments);
}
