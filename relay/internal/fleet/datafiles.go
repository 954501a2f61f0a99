package fleet

const datafileHistory = 16
